std.foldl(function(o, i) o + { ['f' + i]: i, total: super.total + i }, std.range(1, 400), { total: 0 })
