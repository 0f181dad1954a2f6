package survey

import "strings"

// cost estimates the time and memory that go-jsonnet's parser, desugarer and static
// analysis take for a program. They cannot be stopped, so the estimate comes before they
// begin.
type cost struct {
	tokens, comments, lines int
	// texts is the number of bytes in strings, and verbatim in strings with an @.
	texts, verbatim int
	// contexts is the number of bytes in go-jsonnet's names of the contexts of expressions,
	// such as "thunk from <thunk <a> from <$>>".
	contexts int
	// indents is the number of bytes in the indentation of the lines after formatting.
	indents int
}

// Measured bytes and nanoseconds. A token is kept twice while the list of tokens grows, and
// becomes a node.
const (
	tokenBytes    = 400
	commentBytes  = 120
	lineBytes     = 45
	textBytes     = 5
	verbatimBytes = 16
	tokenTime     = 1000
)

func (c *cost) memory() uint64 {
	return uint64(tokenBytes*c.tokens + commentBytes*c.comments + lineBytes*c.lines + textBytes*c.texts + verbatimBytes*c.verbatim + c.contexts + 2*c.indents)
}

// time is the time on a fast machine, in nanoseconds.
func (s *Survey) time() int { return tokenTime*s.tokens + s.steps }

// literal counts a string or comment.
func (s *Survey) literal(text string) {
	lines := strings.Count(text, "\n")
	s.lines += lines
	s.indents += 2 * len(s.levels) * lines
	switch text[0] {
	case '#', '/':
		s.comments++
		s.texts += len(text)
		return
	case '@':
		s.verbatim += len(text)
	default:
		s.texts += len(text)
	}
	s.tokens++
	s.before = '0'
}

// The repeated work of go-jsonnet for a token, in nanoseconds.
const (
	// go-jsonnet copies the set of visible variables for each local, function, object and
	// loop.
	seenTime = 100
	// For each node, it makes a list of the variables that the node needs from the lists of
	// the node's parts.
	neededTime = 500
	// go-jsonnet copies the value of a local of an object, with the copies in it.
	copiedTime = 1000
	// go-jsonnet compares the name of a variable with all names before it in its local.
	comparedTime = 3
)

// sights estimates which variables are visible and needed.
type sights struct {
	// before is the token before: a bracket or sign, 'l' for local, 'f' for function, 'r' for
	// for, '.' for a dot, 'a' for another word, '0' for a literal and 0 for the beginning.
	before byte
	// visible is the number of visible variables, copied the number of open locals of
	// objects.
	visible, copied int
	// parameters is the number of possible parameters in the brackets before, needed the
	// number of names used there.
	parameters, needed int
	// steps is the time, in nanoseconds, in addition to tokenTime for each token.
	steps int
}

// sight is what a level declares and uses.
type sight struct {
	// bracket opens the level; 'f' opens the parameters of a function.
	bracket byte
	// members is the number of variables that an object declares for all its fields, declared
	// the number of those that are visible up to the next comma.
	members, declared int
	// binds is the number of variables of the open local.
	binds int
	// copied is set in a local of an object.
	copied bool
	// used is the number of names since the last comma, all the number of names before it.
	used, all int
	// parameters is the number of possible parameters in round brackets.
	parameters int
	// context is the length of the context of the expressions.
	context int
}

func (s *sights) declare(l *sight, n int) {
	l.declared += n
	s.visible += n
}

// sees counts a copy of the visible variables.
func (s *sights) sees() {
	s.steps += seenTime * s.visible
}

// needs counts a list of the variables among n names that a node needs.
func (s *sights) needs(n int) {
	s.steps += neededTime * min(n, s.visible)
}

// follows notes the token after brackets: before = or :, the brackets have parameters.
func (s *sights) follows(l *sight, sign byte) {
	if s.parameters > 0 && (sign == '=' || sign == ':') {
		s.declare(l, s.parameters)
		s.sees()
	}
	s.parameters = 0
	if s.needed > 0 && (sign == '.' || sign == '(' || sign == '[' || sign == '{') {
		s.needs(s.needed)
		return
	}
	s.needed = 0
}

// word counts a word, and reports whether it is the name of a local.
func (s *sights) word(l *sight, word string) (local bool) {
	s.steps += copiedTime * s.copied
	before := s.before
	s.before = 'a'
	s.parameters = 0
	if before != '.' {
		s.needed = 0
	}
	switch word[0] {
	case 'l':
		if word == "local" {
			s.before = 'l'
			if l.bracket == '{' && (before == '{' || before == ',') {
				l.copied = true
				s.copied++
				return false
			}
			s.sees()
			return false
		}
	case 'f':
		switch word {
		case "function":
			s.before = 'f'
			return false
		case "for":
			s.before = 'r'
			s.sees()
			s.needs(l.used)
			return false
		}
	case 'i', 'e', 'a':
		switch word {
		case "if", "error", "assert", "in":
			s.needs(l.used)
			return false
		}
	}
	if before == '.' {
		s.before = '.'
		return false
	}
	if word[0] <= '9' {
		s.before = '0'
		return false
	}
	switch {
	case before == 'l', before == ',' && l.binds > 0 && l.bracket != '{':
		local = true
		s.steps += comparedTime * l.binds
		l.binds++
		if l.copied {
			l.members++
			s.visible++
		} else {
			s.declare(l, 1)
		}
	case before == 'r':
		s.declare(l, 1)
	default:
		l.used++
	}
	if (l.bracket == '(' || l.bracket == 'f') && (before == '(' || before == ',') {
		l.parameters++
	}
	return local
}

func (s *sights) sign(l *sight, sign byte) {
	s.follows(l, sign)
	if sign != '.' {
		s.needs(l.used)
	}
	s.before = sign
}

// open returns the sight of the code in brackets.
func (s *sights) open(l *sight, bracket byte) sight {
	s.follows(l, bracket)
	in := sight{bracket: bracket, context: l.context + len("thunk from <>")}
	if s.before == 'f' {
		in.bracket = 'f'
	}
	if bracket == '{' {
		in.context = len("object <anonymous>")
		s.sees()
	}
	s.before = bracket
	return in
}

func (s *sights) close(l, inner *sight, bracket byte) {
	s.endLocal(inner)
	s.needed = inner.all + inner.used
	s.needs(s.needed)
	s.visible -= inner.members + inner.declared
	l.used += s.needed
	s.parameters = 0
	switch inner.bracket {
	case 'f':
		s.declare(l, inner.parameters)
		s.sees()
	case '(':
		s.parameters = inner.parameters
	}
	s.before = bracket
}

// endLocal ends the local of an object.
func (s *sights) endLocal(l *sight) {
	if l.copied {
		l.copied = false
		l.binds = 0
		s.copied--
	}
}

func (s *sights) comma(l *level) {
	s.endLocal(&l.sight)
	s.before = ','
	s.parameters, s.needed = 0, 0
	l.all += l.used
	l.used = 0
	if len(l.locals) == 0 || l.bracket == '{' {
		s.visible -= l.declared
		l.declared, l.binds = 0, 0
	}
}

func (s *sights) semicolon(l *sight) {
	s.before = ';'
	s.parameters, s.needed = 0, 0
	l.all += l.used
	l.used = 0
	s.needs(l.all)
}
