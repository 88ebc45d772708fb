using ContextAware.Visualization;

namespace Examples.Common;

/// <summary>Draws attention maps to a picture or a page.</summary>
public static class MapFile
{
    /// <summary>Finds out before the work whether maps can go into a file.</summary>
    /// <exception cref="UserException">They can't.</exception>
    public static void Check(string path, int maps)
    {
        if (!IsSvg(path) && !IsHtml(path)) throw new UserException($"Can't draw {path}: its name must end in .svg or .html.");
        if (IsSvg(path) && maps > 1) throw new UserException($"Can't draw {maps} maps in one picture: ask for one, or give a file that ends in .html.");
        OutputFile.Check(path);
    }

    /// <summary>Draws.</summary>
    /// <exception cref="UserException">The file can't be written.</exception>
    public static void Write(string path, IReadOnlyList<AttentionMap> maps)
    {
        FileErrors.Guard($"write {path}", () =>
        {
            if (IsSvg(path)) SvgRenderer.Save(maps[0], path);
            else HtmlRenderer.Save(maps, path);
        });
    }

    private static bool IsSvg(string path) => Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase);

    private static bool IsHtml(string path) => Path.GetExtension(path).Equals(".html", StringComparison.OrdinalIgnoreCase);
}
