local cidr = import 'cidr.libsonnet';

local allValid(blocks) = { actual: [b for b in blocks if !cidr.isValid(b)], expected: [] };
local noneValid(blocks) = { actual: [b for b in blocks if cidr.isValid(b)], expected: [] };

{
  'is valid': {
    'ipv4 blocks are': allValid(['0.0.0.0/0', '10.0.0.0/8', '10.255.255.255/32']),
    'ipv6 blocks are': allValid([
      '::/0',
      '::1/128',
      'fd00::/8',
      'fd00:ec2::254/128',
      '2001:DB8:0:1:1:1:1:1/64',
    ]),
    'an address without a prefix is not': noneValid(['10.0.0.0', '::1']),
    'a prefix that is too long is not': noneValid(['10.0.0.0/33', '::/129', '10.0.0.0/999999']),
    'a prefix that is no number is not': noneValid(['10.0.0.0/', '10.0.0.0/x', '10.0.0.0/-1']),
    'two prefixes are not': noneValid(['10.0.0.0/8/8']),
    'an octet above 255 is not': noneValid(['256.0.0.0/8', '10.0.0.1000/8']),
    'too few or too many octets are not': noneValid(['10.0.0/8', '10.0.0.0.0/8', '10..0.0/8']),
    'a leading zero is not': noneValid(['010.0.0.0/8', '10.0.0.0/08']),
    'spaces are not': noneValid([' 10.0.0.0/8', '10.0.0.0 /8', '']),
    'a name is not': noneValid(['localhost/32']),
    'malformed ipv6 is not': noneValid([
      ':/0',
      '1:2:3/64',
      '1::2::3/64',
      ':::/0',
      'fd00:12345::/32',
      'fd00:xyz::/32',
      '1:2:3:4:5:6:7:8:9/64',
      '1:2:3:4::5:6:7:8/64',
    ]),
    'other types are not': noneValid([null, 10, ['10.0.0.0/8'], {}]),
  },

  'is ipv6': {
    'tells the families apart': {
      actual: std.map(cidr.isIPv6, ['10.0.0.0/8', 'fd00::/8']),
      expected: [false, true],
    },
  },

  'is everything': {
    'only a prefix of zero is': {
      actual: std.map(cidr.isEverything, ['0.0.0.0/0', '::/0', '0.0.0.0/1', '10.0.0.0/10']),
      expected: [true, true, false, false],
    },
  },
}
