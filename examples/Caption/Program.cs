using Caption.Commands;
using Examples.Common;

return await CaptionCommand.RunAsync(args, ProgramConsole.Open(), Console.Error);
