package engine

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/schema"
)

// checkKeys warns of items with the same key. The API server creates an object with such
// items, but server-side apply refuses it, and a strategic merge patch keeps one of them
// (sigs.k8s.io/structured-merge-diff; x-kubernetes-list-type and
// x-kubernetes-patch-merge-key).
func (n Node) checkKeys(s *schema.Schema) {
	keys := s.ListMapKeys
	switch {
	case s.ListType == "set":
	case len(keys) > 0:
	case s.ListType == "" && s.PatchMergeKey != "":
		keys = []string{s.PatchMergeKey}
	default:
		return
	}
	if n.Len() < 2 {
		return
	}
	seen := map[string]int{}
	for i, item := range n.Items() {
		key, ok := item.listKey(keys)
		if !ok {
			continue
		}
		if first, ok := seen[key]; ok {
			problem := fmt.Sprintf("is the same as item %d", first)
			if len(keys) > 0 {
				problem = fmt.Sprintf("has the same %s as item %d", strings.Join(keys, " and "), first)
			}
			item.Warn(RuleDuplicate, problem, "leave one out: server-side apply takes no two")
			continue
		}
		seen[key] = i
	}
}

// listKey returns the key of an item of a list: some of its fields, or itself if there are
// no fields. It returns false if the key is missing. Only a port's protocol has a default.
func (n Node) listKey(fields []string) (string, bool) {
	if len(fields) == 0 {
		return n.keyText(), n.IsSet()
	}
	key := make([]string, len(fields))
	for i, name := range fields {
		f := n.Field(name)
		if name == "protocol" && f.IsZero() {
			f.Value = "TCP"
		}
		if f.IsZero() {
			return "", false
		}
		key[i] = f.keyText()
	}
	return strings.Join(key, "\x00"), true
}

// keyText returns a text that differs for different values.
func (n Node) keyText() string {
	if text, ok := n.Value.(string); ok {
		return text
	}
	return fmt.Sprint(n.Value)
}
