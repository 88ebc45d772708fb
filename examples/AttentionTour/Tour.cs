using ContextAware.Visualization;
using static TorchSharp.torch;

namespace AttentionTour;

/// <summary>What the chapters write to: a terminal, and a collection of pictures.</summary>
internal sealed class Tour(TextWriter output, TextOptions options)
{
    private readonly List<AttentionMap> pictures = [];
    private int chapters;

    /// <summary>Begins a chapter.</summary>
    public void Chapter(string title)
    {
        var heading = $"{++chapters}. {title}";
        output.WriteLine(chapters == 1 ? heading : $"\n\n{heading}");
        output.WriteLine(new string('═', heading.Length));
    }

    /// <summary>Says something.</summary>
    public void Say(string text) => output.WriteLine($"\n{text}");

    /// <summary>Shows a matrix as numbers.</summary>
    public void Show(string name, Tensor matrix) => output.WriteLine($"\n{name}\n{MatrixText.Of(matrix)}");

    /// <summary>Shows a matrix as a picture.</summary>
    /// <param name="title">What is to be seen.</param>
    /// <param name="matrix"><c>[rows,columns]</c>.</param>
    /// <param name="rows">What the rows are, if that needs saying, and a label for each.</param>
    /// <param name="columns">What the columns are, if that needs saying, and a label for each.</param>
    public void Draw(string title, Tensor matrix, (string? Name, string[] Labels) rows, (string? Name, string[] Labels) columns)
    {
        using var scope = NewDisposeScope();
        var weights = new float[rows.Labels.Length, columns.Labels.Length];
        float[] numbers = [.. matrix.detach().to(float32).contiguous().data<float>()];
        Buffer.BlockCopy(numbers, 0, weights, 0, sizeof(float) * numbers.Length);
        var picture = new AttentionMap(weights, rows.Labels, columns.Labels, title) { RowAxis = rows.Name, ColumnAxis = columns.Name };
        pictures.Add(picture);
        output.WriteLine();
        output.Write(TextRenderer.Render(picture, options));
    }

    /// <summary>Writes all pictures into a folder that is there: one page, and each as SVG.</summary>
    public void Save(string folder)
    {
        var page = Path.Combine(Path.GetFullPath(folder), "index.html");
        HtmlRenderer.Save(pictures, page, new HtmlOptions { Title = "A tour of attention" });
        for (var i = 0; i < pictures.Count; i++)
            SvgRenderer.Save(pictures[i], Path.Combine(folder, $"{i + 1:00}.svg"));
        output.WriteLine($"\n{pictures.Count} pictures are in {page} and beside it.");
    }
}
