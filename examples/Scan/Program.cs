using Examples.Common;
using Scan.Commands;

return await ScanCommand.RunAsync(args, ProgramConsole.Open(), Console.Error);
