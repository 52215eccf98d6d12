// SPDX-License-Identifier: GPL-2.0
/*
 * Stubs for a relayctl that is built without libzstd.
 */
#include "compress.h"

bool compress_supported(void)
{
	return false;
}

struct compressor *compressor_open(unsigned int level)
{
	(void)level;
	return NULL;
}

void compressor_close(struct compressor *compressor)
{
	(void)compressor;
}

size_t compress_frame(struct compressor *compressor, const void *data, size_t size,
		      void *frame, size_t room)
{
	(void)compressor, (void)data, (void)size, (void)frame, (void)room;
	return 0;
}

struct decompressor *decompressor_open(void)
{
	return NULL;
}

void decompressor_close(struct decompressor *decompressor)
{
	(void)decompressor;
}

bool frame_holds(const void *frame, size_t stored, size_t size)
{
	(void)frame, (void)stored, (void)size;
	return false;
}

bool decompress_frame(struct decompressor *decompressor, const void *frame, size_t stored,
		      void *data, size_t size)
{
	(void)decompressor, (void)frame, (void)stored, (void)data, (void)size;
	return false;
}
