using Examples.Common;
using StbImageSharp;

namespace Pictures;

/// <summary>A picture read from a file: bytes row by row, the colours of a pixel side by side.</summary>
/// <param name="Pixels"><c>[height · width · channels]</c>.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 or 3.</param>
public sealed record PictureFile(byte[] Pixels, int Height, int Width, int Channels)
{
    /// <summary>Reads a PNG, JPEG, BMP, GIF or TGA file of a size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="height">The height that it must have.</param>
    /// <param name="width">The width that it must have.</param>
    /// <param name="channels">1: made grey if it is coloured; 3: colours.</param>
    /// <exception cref="UserException">The file can't be read, is no picture, or has another size.</exception>
    public static PictureFile Read(string path, int height, int width, int channels)
    {
        var bytes = FileErrors.Guard($"read {path}", () => File.ReadAllBytes(path));
        try
        {
            using var stream = new MemoryStream(bytes);
            if (ImageInfo.FromStream(stream) is not { } info)
                throw new UserException($"Can't read {path}: it is no picture of a kind that is known here (PNG, JPEG, BMP, GIF, TGA).");
            if (info.Height != height || info.Width != width)
                throw new UserException($"Can't use {path}: expected {width}×{height} pixels, got {info.Width}×{info.Height}.");
            return new(ImageResult.FromMemory(bytes, channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue).Data, height, width, channels);
        }
        catch (Exception error) when (error is not UserException)           // the decoder tells of broken files by many kinds of exception
        {
            throw new UserException($"Can't read {path}: the picture is broken ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}).", error);
        }
    }
}
