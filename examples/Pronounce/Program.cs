using Examples.Common;
using Pronounce.Commands;

return await PronounceCommand.RunAsync(args, ProgramConsole.Open(), Console.Error);
