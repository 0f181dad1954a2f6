// The form of documentation that docsonnet reads
// (https://github.com/jsonnet-libs/docsonnet).
{
  pkg(name, help): { name: name, help: help },
  obj(help): { object: { help: help } },
  fn(help, args): { 'function': { help: help, args: args } },
  arg(name, type, default=null): { name: name, type: type, default: default },
}
