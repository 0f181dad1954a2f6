local data = { ['k%d' % i]: { list: std.range(1, 20), text: 'line one\nline two "quoted"', f: i / 3, deep: { a: { b: { c: i } } } } for i in std.range(1, 300) };
{
  yaml: std.length(std.manifestYamlDoc(data)),
  json: std.length(std.manifestJsonEx(data, '  ')),
  back: std.parseJson(std.manifestJsonMinified(data)) == data,
  string: std.length(std.toString(data)),
  yamlBack: std.length(std.parseYaml(std.manifestYamlDoc(data))),
}
