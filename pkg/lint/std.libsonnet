// Corrections of the standard library of go-jsonnet 0.22's linter: names that it does not
// know, results whose type it has wrong, and parameters that it names wrongly. Only the
// parameters and the types of the results count; nothing here is ever evaluated.
local any = std.extVar('any');

std + {
  // Names that it does not know.
  atan2(y, x): 0,
  deepJoin(arr): '',
  deg2rad(x): 0,
  equals(x, y): true,
  escapeStringXML(str_): '',
  flattenDeepArray(value): [any],
  hypot(x, y): 0,
  id(x): any,
  log10(x): 0,
  log2(x): 0,
  manifestToml(value): '',
  pi: 0,
  rad2deg(x): 0,
  resolvePath(f, r): '',

  // Results whose type it has wrong.
  all(arr): true,
  any(arr): true,
  base64DecodeBytes(str): [0],
  flatMap(func, arr): any,
  lines(arr): '',
  manifestYamlStream(value, indent_array_in_object=false, c_document_end=true, quote_keys=true): '',
  maxArray(arr, keyF=null, onEmpty=null): any,
  minArray(arr, keyF=null, onEmpty=null): any,
  prune(a): any,
  repeat(what, count): any,
  slice(indexable, index, end, step): any,
  stringChars(str): [''],

  // Parameters that it names wrongly.
  clamp(x, minVal, maxVal): 0,
  reverse(arr): [any],
}
