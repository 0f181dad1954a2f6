// What each step made is dead after the next.
local aux(i, acc) = if i == 0 then acc else aux(i - 1, acc + [{ a: i }]);
std.length(aux(8000, []))
