using System.CommandLine;
using AttentionTour;
using AttentionTour.Chapters;
using ContextAware.Visualization;

var folder = new Option<DirectoryInfo?>("--out") { Description = "Also writes the pictures there: index.html and one SVG each.", HelpName = "FOLDER" };
var root = new RootCommand("Walks through attention by small numbers that can be checked by hand.") { folder };
root.SetAction(arguments =>
{
    Console.OutputEncoding = System.Text.Encoding.UTF8;
    var colours = TextOptions.Detect(Environment.GetEnvironmentVariable, !Console.IsOutputRedirected);
    var tour = new Tour(Console.Out, new TextOptions { Colours = colours, Numbers = true });

    DotChapter.Tell(tour);
    MultiplicativeChapter.Tell(tour);
    AdditiveChapter.Tell(tour);
    BatchChapter.Tell(tour);
    MaskChapter.Tell(tour);
    SelfChapter.Tell(tour);
    LocationChapter.Tell(tour);
    tour.Say("From here: MultiHeadAttention has heads, projections and a cache; examples/Pronounce learns where to look by itself.");

    if (arguments.GetValue(folder) is not { } target)
        return 0;
    try
    {
        tour.Save(target);
        return 0;
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"attention-tour: can't write to {target}: {error.Message}");
        return 1;
    }
});
return root.Parse(args).Invoke();
