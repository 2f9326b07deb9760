// Package documented finds exported names of the binding that have no comment.
package documented

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

func TestEverythingExportedIsDocumented(t *testing.T) {
	files := token.NewFileSet()
	isSource := func(file os.FileInfo) bool { return !strings.HasSuffix(file.Name(), "_test.go") }
	packages, err := parser.ParseDir(files, "../..", isSource, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range packages["sac"].Files {
		for _, declaration := range file.Decls {
			for name, documented := range exported(declaration) {
				count++
				if !documented {
					t.Errorf("%s: %s has no comment", files.Position(name.Pos()), name.Name)
				}
			}
		}
	}
	if count < 100 {
		t.Errorf("only %d exported names were found", count)
	}
}

// exported returns the exported names of a declaration, and whether each has a comment.
func exported(declaration ast.Decl) map[*ast.Ident]bool {
	names := map[*ast.Ident]bool{}
	add := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		for _, comment := range comments {
			names[name] = names[name] || comment.Text() != ""
		}
	}
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		if !isMethodOfUnexported(declaration) {
			add(declaration.Name, declaration.Doc)
		}
	case *ast.GenDecl:
		// The comment of a group does not document its members.
		doc := declaration.Doc
		if declaration.Lparen.IsValid() {
			doc = nil
		}
		for _, spec := range declaration.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add(spec.Name, doc, spec.Doc)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					add(name, doc, spec.Doc, spec.Comment)
				}
			}
		}
	}
	return names
}

// isMethodOfUnexported reports whether a function is a method of an unexported type.
func isMethodOfUnexported(function *ast.FuncDecl) bool {
	if function.Recv == nil {
		return false
	}
	receiver := function.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && !name.IsExported()
}
