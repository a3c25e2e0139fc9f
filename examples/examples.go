// Package examples holds complete small systems, each with the snapshot of a scan,
// the annotations and the report it must give. The program embeds them, so that
// "flowdeed demo" needs no account.
package examples

import (
	"embed"
	"io/fs"
)

// WebshopSnapshot is the scan of the web shop example.
//
//go:embed webshop/flowdeed.snapshot
var WebshopSnapshot []byte

//go:embed webshop/annotations/*.yaml
var webshop embed.FS

// WebshopAnnotations are the annotation files of the web shop example.
func WebshopAnnotations() fs.FS {
	sub, err := fs.Sub(webshop, "webshop/annotations")
	if err != nil {
		panic("examples: " + err.Error()) // the name is fixed above
	}
	return sub
}
