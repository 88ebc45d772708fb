using Pronounce.Commands;
using Spectre.Console;

return await PronounceCommand.RunAsync(args, AnsiConsole.Console, Console.Error);
