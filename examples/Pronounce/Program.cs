using Pronounce.Words;
var s = WordSets.Cmudict(false);
Console.WriteLine($"{s.Train.Entries.Count} {s.Train.PronunciationCount} {s.Dev.Entries.Count} {s.Test.Entries.Count} {string.Join(' ', s.Train.Phones)} {string.Join(' ', s.Train.Letters)}");
