using Caption.Commands;
using Spectre.Console;

return await CaptionCommand.RunAsync(args, AnsiConsole.Console, Console.Error);
