local words = ['word%d' % i for i in std.range(1, 400)];
local line = std.join(' ', words);
{
  joined: std.length(line),
  split: std.length(std.split(line, ' ')),
  upper: std.md5(std.asciiUpper(line)),
  replaced: std.length(std.strReplace(line, 'word', 'w')),
  chars: std.length([c for c in std.stringChars(line) if c == 'w']),
  found: std.length(std.findSubstr('word1', line)),
  concatenated: std.length(std.foldl(function(s, w) s + w + ',', words, '')),
}
