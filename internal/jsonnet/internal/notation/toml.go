package notation

// IsBareTOML reports whether std.manifestToml writes a key without quotes.
func IsBareTOML(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) {
			return false
		}
	}
	return s != ""
}

// isWord reports whether c can be in a key without quotes in YAML and TOML.
func isWord(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}
