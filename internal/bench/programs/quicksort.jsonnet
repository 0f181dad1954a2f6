local sort(l) =
  if std.length(l) <= 1 then l
  else
    local pivot = l[0], rest = l[1:];
    sort([x for x in rest if x < pivot]) + [pivot] + sort([x for x in rest if x >= pivot]);
sort([(i * 7919) % 10007 for i in std.range(1, 1000)])
