package syntax

// Kind is the kind of a token.
type Kind uint8

const (
	// EOF is the end of the text. It is the zero value.
	EOF Kind = iota
	// Name is an identifier.
	Name
	// Keyword is a reserved word, except the words that begin imports.
	Keyword
	// Import, ImportStr and ImportBin are the words that begin imports.
	Import
	ImportStr
	ImportBin
	// Number is a number without a sign.
	Number
	// Single and Double are strings in quotes, with escapes.
	Single
	Double
	// VerbatimSingle and VerbatimDouble are strings in quotes after @. Only the quote is
	// special in them: two quotes stand for one.
	VerbatimSingle
	VerbatimDouble
	// Block is a text between |||.
	Block
	// Operator is a run of characters that can be one operator, even if there is no such
	// operator.
	Operator
	// Symbol is one of the characters {}[](),.;$
	Symbol
)

// IsString reports whether k is a form of string.
func (k Kind) IsString() bool { return k >= Single && k <= Block }

// Token is a part of a text: the bytes from Begin up to End.
type Token struct {
	Kind       Kind
	Begin, End int
}

// class is the kind of token that a byte can begin.
type class uint8

const (
	other class = iota
	space
	letter
	digit
	quote
	sign
	symbol
)

// classOf has the class of each byte.
var classOf = [256]class{
	' ': space, '\t': space, '\r': space, '\n': space,
	'\'': quote, '"': quote, '@': quote,
	'!': sign, ':': sign, '~': sign, '+': sign, '-': sign, '&': sign, '|': sign, '^': sign,
	'=': sign, '<': sign, '>': sign, '*': sign, '/': sign, '%': sign, '$': sign,
	'{': symbol, '}': symbol, '[': symbol, ']': symbol, '(': symbol, ')': symbol,
	',': symbol, '.': symbol, ';': symbol,
	'0': digit, '1': digit, '2': digit, '3': digit, '4': digit, '5': digit, '6': digit, '7': digit, '8': digit, '9': digit,
	'_': letter,
	'a': letter, 'b': letter, 'c': letter, 'd': letter, 'e': letter, 'f': letter, 'g': letter, 'h': letter, 'i': letter,
	'j': letter, 'k': letter, 'l': letter, 'm': letter, 'n': letter, 'o': letter, 'p': letter, 'q': letter, 'r': letter,
	's': letter, 't': letter, 'u': letter, 'v': letter, 'w': letter, 'x': letter, 'y': letter, 'z': letter,
	'A': letter, 'B': letter, 'C': letter, 'D': letter, 'E': letter, 'F': letter, 'G': letter, 'H': letter, 'I': letter,
	'J': letter, 'K': letter, 'L': letter, 'M': letter, 'N': letter, 'O': letter, 'P': letter, 'Q': letter, 'R': letter,
	'S': letter, 'T': letter, 'U': letter, 'V': letter, 'W': letter, 'X': letter, 'Y': letter, 'Z': letter,
}

// IsName reports whether a word can be the name of a variable, or of a field without
// quotes. For a text that is no word, the result has no meaning.
func IsName(word string) bool { return kindOf(word) == Name }

// kindOf returns the kind of a word.
func kindOf(s string) Kind {
	switch s {
	case "import":
		return Import
	case "importstr":
		return ImportStr
	case "importbin":
		return ImportBin
	case "assert", "else", "error", "false", "for", "function", "if", "in", "local", "null",
		"self", "super", "tailstrict", "then", "true":
		return Keyword
	}
	return Name
}
