/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Independent frames of zstd: compress-zstd.c, or compress-none.c if the Makefile finds no
 * libzstd.
 */
#ifndef _RELAYCTL_COMPRESS_H
#define _RELAYCTL_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#define COMPRESS_DEFAULT	3
#define COMPRESS_MAX		19

struct compressor;
struct decompressor;

bool compress_supported(void);
struct compressor *compressor_open(unsigned int level);
void compressor_close(struct compressor *compressor);
size_t compress_frame(struct compressor *compressor, const void *data, size_t size,
		      void *frame, size_t room);
struct decompressor *decompressor_open(void);
void decompressor_close(struct decompressor *decompressor);
bool frame_holds(const void *frame, size_t stored, size_t size);
bool decompress_frame(struct decompressor *decompressor, const void *frame, size_t stored,
		      void *data, size_t size);

#endif /* _RELAYCTL_COMPRESS_H */
