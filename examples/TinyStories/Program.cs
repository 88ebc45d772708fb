using TinyStories.Commands;

return await TinyStoriesCommand.RunAsync(args, Console.OpenStandardOutput(), Console.Error);
