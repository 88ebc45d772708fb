using Ask.Commands;
using Examples.Common;

return await AskCommand.RunAsync(args, ProgramConsole.Open(), Console.Error);
