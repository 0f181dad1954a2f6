local tree(d) = if d == 0 then { a: null, b: [], c: 1 } else { left: tree(d - 1), right: tree(d - 1), none: null, list: [null, {}, d] };
{ pruned: std.prune(tree(6)), patched: std.mergePatch(tree(6), { left: { right: null, new: 1 } }), kv: std.objectKeysValues(tree(6)) }
