using Ask.Commands;
using Spectre.Console;

return await AskCommand.RunAsync(args, AnsiConsole.Console, Console.Error);
