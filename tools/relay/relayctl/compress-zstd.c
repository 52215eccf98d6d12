// SPDX-License-Identifier: GPL-2.0
/*
 * Compression, with libzstd.
 *
 * A frame has its decompressed size and zstd's check sum of the data. A frame that is read
 * may be hostile: decompress it in one piece, into memory of the size in its index entry, so
 * that libzstd does not allocate a window of the size that the frame asks for.
 */
#include <stdint.h>
#include <string.h>
#include <zstd.h>
#include "compress.h"

/**
 * compress_supported - was relayctl built with libzstd?
 *
 * Return: whether it was.
 */
bool compress_supported(void)
{
	return true;
}

/**
 * compressor_open - create a compressor
 * @level: of zstd, 1 to COMPRESS_MAX
 *
 * Return: the compressor; NULL without memory.
 */
struct compressor *compressor_open(unsigned int level)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();

	if (!context)
		return NULL;
	if (ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1))) {
		ZSTD_freeCCtx(context);
		return NULL;
	}
	return (struct compressor *)context;
}

/**
 * compressor_close - free a compressor
 * @compressor: the compressor, or NULL
 */
void compressor_close(struct compressor *compressor)
{
	ZSTD_freeCCtx((ZSTD_CCtx *)compressor);
}

/**
 * compress_frame - compress data into a frame
 * @compressor: the compressor
 * @data: the data
 * @size: bytes of @data
 * @frame: memory for the frame
 * @room: bytes of @frame
 *
 * Return: bytes of the frame; 0 if it needs more room, or memory cannot be allocated.
 */
size_t compress_frame(struct compressor *compressor, const void *data, size_t size,
		      void *frame, size_t room)
{
	size_t stored = ZSTD_compress2((ZSTD_CCtx *)compressor, frame, room, data, size);

	return ZSTD_isError(stored) ? 0 : stored;
}

/**
 * decompressor_open - create a decompressor
 *
 * Return: the decompressor; NULL without memory.
 */
struct decompressor *decompressor_open(void)
{
	return (struct decompressor *)ZSTD_createDCtx();
}

/**
 * decompressor_close - free a decompressor
 * @decompressor: the decompressor, or NULL
 */
void decompressor_close(struct decompressor *decompressor)
{
	ZSTD_freeDCtx((ZSTD_DCtx *)decompressor);
}

/**
 * frame_holds - is this exactly one frame, with a header that claims a size?
 * @frame: the frame
 * @stored: bytes of @frame
 * @size: the decompressed size
 *
 * Return: whether it is.
 */
bool frame_holds(const void *frame, size_t stored, size_t size)
{
	static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

	/* Refuse frames of old formats, and skippable frames. */
	return stored >= sizeof(magic) && !memcmp(frame, magic, sizeof(magic)) &&
	       ZSTD_getFrameContentSize(frame, stored) == size &&
	       ZSTD_findFrameCompressedSize(frame, stored) == stored;
}

/**
 * decompress_frame - decompress a frame
 * @decompressor: the decompressor
 * @frame: the frame, for which frame_holds() returned true
 * @stored: bytes of @frame
 * @data: memory for the data
 * @size: bytes of @data, as for frame_holds()
 *
 * Return: whether the frame was valid and had @size bytes.
 */
bool decompress_frame(struct decompressor *decompressor, const void *frame, size_t stored,
		      void *data, size_t size)
{
	return ZSTD_decompressDCtx((ZSTD_DCtx *)decompressor, data, size, frame, stored) == size;
}
