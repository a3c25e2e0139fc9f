package annotations

import "strings"

// fieldMatch tells whether a field pattern means a path. Both are split at the dots; a
// part in quotes keeps its dots, * is any part, ** any number of parts, and a part may
// hold the wildcards of globMatch. Before a colon stands the prefix of an S3 data set.
// Source: privacy model, "Targets, globs, specificity".
func fieldMatch(pattern, path string) bool {
	if pattern == path {
		return true
	}
	p, f, hasPrefix := cutDataSet(pattern)
	q, g, alsoHas := cutDataSet(path)
	if hasPrefix && alsoHas && !globMatch(p, q) || hasPrefix != alsoHas {
		return false
	}
	return partsMatch(fieldSteps(f), fieldSteps(g))
}

// cutDataSet splits "prefix/**:field" at its colon.
func cutDataSet(s string) (prefix, field string, ok bool) {
	if i := strings.IndexByte(s, ':'); i >= 0 && strings.Contains(s[:i], "/") {
		return s[:i], s[i+1:], true
	}
	return "", s, false
}

// partsMatch walks both lists; best remembers the last ** to go on from, so that the
// work stays within the product of the lengths.
func partsMatch(pattern, path []string) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(path) {
		switch {
		case i < len(pattern) && pattern[i] == "**":
			star, mark = i, j
			i++
		case i < len(pattern) && (pattern[i] == path[j] || globMatch(pattern[i], path[j])):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == "**" {
		i++
	}
	return i == len(pattern)
}
