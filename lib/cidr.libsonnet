// The syntax of CIDR blocks, such as 10.0.0.0/8 or fd00::/8.

local digits = std.stringChars('0123456789');
local hexDigits = std.stringChars('0123456789abcdefABCDEF');

// isDecimal returns whether text is a whole number from 0 to max without leading zeros. Some
// parsers read 010 as eight.
local isDecimal(text, max) =
  text != ''
  && std.all([std.member(digits, char) for char in std.stringChars(text)])
  && (text == '0' || text[0] != '0')
  && std.length(text) <= 3
  && std.parseInt(text) <= max;

local isIPv4(address) =
  local octets = std.split(address, '.');
  std.length(octets) == 4 && std.all([isDecimal(octet, 255) for octet in octets]);

local isGroup(text) =
  std.length(text) >= 1
  && std.length(text) <= 4
  && std.all([std.member(hexDigits, char) for char in std.stringChars(text)]);

local groups(text) = if text == '' then [] else std.split(text, ':');

// isIPv6 accepts eight groups, or '::' for groups left out, but no IPv4 tail (::ffff:1.2.3.4).
local isIPv6(address) =
  local halves = std.split(address, '::');
  local all = std.flatMap(groups, halves);
  std.all([isGroup(group) for group in all])
  && (
    if std.length(halves) == 1
    then std.length(all) == 8
    else std.length(halves) == 2 && std.length(all) < 8
  );

local prefix(cidr) = std.split(cidr, '/')[1];

{
  // isValid returns whether cidr is an IPv4 or an IPv6 block: a string of an address, a slash and
  // the length of the prefix.
  isValid(cidr):
    std.isString(cidr)
    && (
      local parts = std.split(cidr, '/');
      std.length(parts) == 2
      && (
        isIPv4(parts[0]) && isDecimal(parts[1], 32)
        || isIPv6(parts[0]) && isDecimal(parts[1], 128)
      )
    ),

  // isIPv6 returns whether cidr, a valid block, is one of IPv6.
  isIPv6(cidr): std.member(cidr, ':'),

  // isEverything returns whether cidr, a valid block, has every address of its family.
  isEverything(cidr): prefix(cidr) == '0',
}
