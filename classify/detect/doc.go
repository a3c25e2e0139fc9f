// Package detect guesses from names which personal data a field may hold, and says why.
//
// A name is cut into tokens, tokens stand for atoms of meaning in eight languages
// (lexicon.txt), and rules over atoms name a category with a base score (rules.txt).
// What a resource keeps of a person (themes.txt) reaches fields no rule knows.
// What surrounds the field moves the score: words beside it, the resource it is in, the
// other fields of that resource, its type. Whole tokens count, never parts of words; a
// token is cut further only where dictionary words cover all of it.
//
// A detector proposes. That nothing was found never means that nothing is there.
package detect
