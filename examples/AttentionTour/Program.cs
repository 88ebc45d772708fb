using System.CommandLine;
using AttentionTour;
using AttentionTour.Chapters;
using ContextAware.Visualization;
using Examples.Common;

var folder = CommonOptions.OptionalFolder("--out", "Also writes the pictures there: index.html and one SVG each.");
var root = new RootCommand("Walks through attention by small numbers that can be checked by hand.") { folder };
root.SetAction(arguments =>
{
    Console.OutputEncoding = System.Text.Encoding.UTF8;
    var target = arguments.GetValue(folder);
    if (target is not null) FileErrors.Guard($"write to {target}", () => Directory.CreateDirectory(target));
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

    if (target is not null) FileErrors.Guard($"write to {target}", () => tour.Save(target));
    return ExitCode.Success;
});
return await CommandProgram.RunAsync("attention-tour", root, args, Console.Out, Console.Error);
