/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Headers of trace events that can be included inside a function. Included more than once.
 */
#include <trace/events/alarmtimer.h>
#include <trace/events/block.h>
#include <trace/events/capability.h>
#include <trace/events/compaction.h>
#include <trace/events/coredump.h>
#include <trace/events/cpuhp.h>
#include <trace/events/csd.h>
#include <trace/events/error_report.h>
#include <trace/events/exceptions.h>
#include <trace/events/filelock.h>
#include <trace/events/filemap.h>
#include <trace/events/hw_pressure.h>
#include <trace/events/initcall.h>
#include <trace/events/io_uring.h>
#include <trace/events/ipi.h>
#include <trace/events/irq.h>
#include <trace/events/kmem.h>
#include <trace/events/migrate.h>
#include <trace/events/mmap.h>
#include <trace/events/module.h>
#include <trace/events/napi.h>
#include <trace/events/notifier.h>
#include <trace/events/oom.h>
#include <trace/events/percpu.h>
#include <trace/events/power.h>
#include <trace/events/printk.h>
#include <trace/events/rcu.h>
#include <trace/events/rpm.h>
#include <trace/events/rseq.h>
#include <trace/events/sched.h>
#include <trace/events/signal.h>
#include <trace/events/skb.h>
#include <trace/events/sock.h>
#include <trace/events/swiotlb.h>
#include <trace/events/task.h>
#include <trace/events/tcp.h>
#include <trace/events/timer.h>
#include <trace/events/timestamp.h>
#include <trace/events/tlb.h>
#include <trace/events/udp.h>
#include <trace/events/vmalloc.h>
#include <trace/events/vmscan.h>
#include <trace/events/workqueue.h>
#include <trace/events/xdp.h>
