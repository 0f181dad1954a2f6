package syntax

// Reference is an import of a file.
type Reference struct {
	// Kind is [Import], [ImportStr] or [ImportBin].
	Kind Kind
	// Path is the decoded path of the import.
	Path string
	// Offset is the byte offset at which the import begins.
	Offset int
}

// Imports returns the imports in text, in order: each word that begins an import, with the
// string after it. Only a string can be a path, because Jsonnet computes none. Imports
// reads only tokens. In a program it finds exactly the imports of the program. It also
// finds imports in a text that has tokens but is no program.
//
// The error is an *[Error] if the text cannot be split into tokens, if no string follows an
// import, if the string has a wrong escape, if brackets do not match, or if more than
// 10,000 are open.
func Imports(text string) ([]Reference, error) {
	var found []Reference
	var open []Token // brackets
	l := NewLexer(text)
	for {
		t, err := l.Next()
		if err != nil {
			return nil, err
		}
		switch t.Kind {
		case EOF:
			if len(open) > 0 {
				return nil, &Error{open[len(open)-1].Begin, open[len(open)-1].End, "bracket that nothing closes"}
			}
			return found, nil
		case Symbol:
			switch c := text[t.Begin]; c {
			case '(', '[', '{':
				if len(open) == mostOpen {
					return nil, &Error{t.Begin, t.End, "nested too deeply"}
				}
				open = append(open, t)
			case ')', ']', '}':
				if len(open) == 0 || closing[text[open[len(open)-1].Begin]] != c {
					return nil, &Error{t.Begin, t.End, "bracket that closes nothing"}
				}
				open = open[:len(open)-1]
			}
		case Import, ImportStr, ImportBin:
			path, err := l.Next()
			if err != nil {
				return nil, err
			}
			if !path.Kind.IsString() {
				return nil, &Error{t.Begin, t.End, "want a string after the import, which cannot be computed"}
			}
			decoded, err := Text(text, path)
			if err != nil {
				return nil, err
			}
			found = append(found, Reference{t.Kind, decoded, t.Begin})
		}
	}
}

// mostOpen is the limit of open brackets. No program has so many.
const mostOpen = 10_000

// closing has the closing bracket of each opening one.
var closing = [256]byte{'(': ')', '[': ']', '{': '}'}
