using Scan.Commands;
using Spectre.Console;

return await ScanCommand.RunAsync(args, AnsiConsole.Console, Console.Error);
