# The project's one entry point. Each target is one script in boot/.
# KDIR=/path uses your own pristine Linux 7.3 tree instead of fetching one.

.PHONY: help demo test um um-debug x86_64 x86_64-kcsan x86_64-rt i386 arm64 bench mutate mutate-files check apply unapply patch compat deb deb-kernel soak clean
export KDIR

help:
	@echo 'make demo            build, boot, trace real I/O and our own client; a table at the end'
	@echo 'make test            everything that can fail; last line: N passed, N failed'
	@echo 'make um              build/um/linux: User-mode Linux with SMP'
	@echo 'make x86_64          build/x86_64/arch/x86/boot/bzImage, for QEMU'
	@echo 'make um-debug x86_64-kcsan   the same two with the kernel'"'"'s sanitizers'
	@echo 'make x86_64-rt       PREEMPT_RT, with lockdep; make soak tests on it'
	@echo 'make i386            the smallest kernel that finds what another one has recorded'
	@echo 'make arm64           compiled with clang, with pages of 64 KiB; make soak tests on it'
	@echo 'make bench           measure: a table, build/bench.json, a plot'
	@echo 'make mutate          break the ring in every way, a table of which test notices (ONLY=part of a name)'
	@echo 'make mutate-files    the same for the files of relayfs, on a booted kernel (ONLY=part of a name)'
	@echo 'make check           checkpatch, sparse, W=1, kernel-doc on our files'
	@echo 'make compat          compile every relay client of Linux 7.3 as it is'
	@echo 'make patch           build/patch/*/*.patch: the series for git am'
	@echo 'make deb             build/deb/*.deb: librelay1, librelay-dev, relay-tools'
	@echo 'make deb-kernel CONFIG=file   build/deb-kernel/*.deb: the patched kernel, for a machine'
	@echo 'make apply KDIR=/path    onto your own tree; make unapply KDIR=/path takes it out'
	@echo 'make soak SECONDS=n  the long tests'
	@echo 'make clean           remove build/ (the source and compiler cache stay)'

um um-debug x86_64 x86_64-kcsan x86_64-rt i386 arm64:
	@boot/kernel.sh $@

test:
	@boot/run-tests.sh $(TESTS)

demo bench mutate mutate-files check compat patch deb deb-kernel:
	@boot/$@.sh

soak:
	@boot/soak.sh $(SECONDS)

apply unapply:
	@boot/apply.sh $@

clean:
	@rm -rf build
