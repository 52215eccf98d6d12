// SPDX-License-Identifier: GPL-2.0
/*
 * Compression, with libzstd.
 *
 * A frame says how much it holds, and has zstd's check sum of that. A frame that is read is
 * hostile: it is decompressed in one piece, into room for what its index entry says, so that
 * libzstd takes no memory for a window, however large one the frame asks for.
 */
#include <stdint.h>
#include <string.h>
#include <zstd.h>
#include "compress.h"

/**
 * compress_supported - say whether there is a library for it
 *
 * Return: whether there is.
 */
bool compress_supported(void)
{
	return true;
}

/**
 * compressor_open - prepare
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
 * compressor_close - the end of it
 * @compressor: the compressor, or NULL
 */
void compressor_close(struct compressor *compressor)
{
	ZSTD_freeCCtx((ZSTD_CCtx *)compressor);
}

/**
 * compress_frame - compress
 * @compressor: the compressor
 * @data: what
 * @size: bytes of it
 * @frame: where to
 * @room: bytes that there is room for
 *
 * Return: bytes of the frame; 0 if it needs more room, or memory that there is not.
 */
size_t compress_frame(struct compressor *compressor, const void *data, size_t size,
		      void *frame, size_t room)
{
	size_t stored = ZSTD_compress2((ZSTD_CCtx *)compressor, frame, room, data, size);

	return ZSTD_isError(stored) ? 0 : stored;
}

/**
 * decompressor_open - prepare
 *
 * Return: the decompressor; NULL without memory.
 */
struct decompressor *decompressor_open(void)
{
	return (struct decompressor *)ZSTD_createDCtx();
}

/**
 * decompressor_close - the end of it
 * @decompressor: the decompressor, or NULL
 */
void decompressor_close(struct decompressor *decompressor)
{
	ZSTD_freeDCtx((ZSTD_DCtx *)decompressor);
}

/**
 * frame_holds - say whether this is one frame, which claims to hold so much
 * @frame: the frame
 * @stored: bytes of it
 * @size: how much
 *
 * Return: whether it is.
 */
bool frame_holds(const void *frame, size_t stored, size_t size)
{
	static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

	/* Not a frame of an old format, nor one that is to be skipped. */
	return stored >= sizeof(magic) && !memcmp(frame, magic, sizeof(magic)) &&
	       ZSTD_getFrameContentSize(frame, stored) == size &&
	       ZSTD_findFrameCompressedSize(frame, stored) == stored;
}

/**
 * decompress_frame - decompress
 * @decompressor: the decompressor
 * @frame: the frame
 * @stored: bytes of it
 * @data: where to
 * @size: bytes that frame_holds() said it holds
 *
 * Return: whether it is what was compressed.
 */
bool decompress_frame(struct decompressor *decompressor, const void *frame, size_t stored,
		      void *data, size_t size)
{
	return ZSTD_decompressDCtx((ZSTD_DCtx *)decompressor, data, size, frame, stored) == size;
}
