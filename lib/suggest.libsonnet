// Suggestions for misspelled names.

// distance returns the number of characters to insert, delete or replace to turn a into b
// (Levenshtein). It goes through the characters of a and keeps one row: the distances from the
// characters so far to every beginning of b.
local distance(a, b) =
  local firstRow = std.range(0, std.length(b));
  local nextRow(row, i) = std.foldl(
    function(next, j)
      local inserted = next[j] + 1;
      local deleted = row[j + 1] + 1;
      local replaced = row[j] + (if a[i] == b[j] then 0 else 1);
      next + [std.min(inserted, std.min(deleted, replaced))],
    std.range(0, std.length(b) - 1),
    [i + 1],
  );
  std.foldl(nextRow, std.range(0, std.length(a) - 1), firstRow)[std.length(b)];

// One slip in three characters, and at most two, still mean the same word. Two permit a swap of
// neighbours; short names such as obi and loki stay distinct.
local tolerance(word) = std.min(2, std.floor(std.length(word) / 3));

{
  // nearest returns the candidate that word probably means, or null if none of candidates is close
  // enough.
  nearest(word, candidates):
    local near = [
      { name: candidate, distance: distance(word, candidate) }
      for candidate in candidates
    ];
    local close = [entry for entry in near if entry.distance <= tolerance(word)];
    if close == [] then null else std.sort(close, function(entry) entry.distance)[0].name,
}
