local numbers = std.foldl(function(l, i) l + [(l[std.length(l) - 1] * 7919 + 104729) % 1000003], std.range(1, 2500), [1]);
{
  sorted: std.sort(numbers),
  by: std.sort(numbers, function(x) -x),
  set: std.set([x % 100 for x in numbers]),
  strings: std.sort([std.toString(x) for x in numbers]),
}
