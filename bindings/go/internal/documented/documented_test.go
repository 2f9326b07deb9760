// Package documented finds what the binding exports without saying what it is.
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
	isNoTest := func(file os.FileInfo) bool { return !strings.HasSuffix(file.Name(), "_test.go") }
	packages, err := parser.ParseDir(files, "../..", isNoTest, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range packages["sac"].Files {
		for _, declaration := range file.Decls {
			for name, documented := range exported(declaration) {
				seen++
				if !documented {
					t.Errorf("%s: %s has no comment", files.Position(name.Pos()), name.Name)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d exported names were found", seen)
	}
}

// exported are the exported names of a declaration, and whether each has a comment.
func exported(declaration ast.Decl) map[*ast.Ident]bool {
	names := map[*ast.Ident]bool{}
	note := func(name *ast.Ident, comments ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		for _, comment := range comments {
			names[name] = names[name] || comment.Text() != ""
		}
	}
	switch declaration := declaration.(type) {
	case *ast.FuncDecl:
		if !isMethodOfHidden(declaration) {
			note(declaration.Name, declaration.Doc)
		}
	case *ast.GenDecl:
		// What is said of several together says nothing of each.
		together := declaration.Doc
		if declaration.Lparen.IsValid() {
			together = nil
		}
		for _, spec := range declaration.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				note(spec.Name, together, spec.Doc)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					note(name, together, spec.Doc, spec.Comment)
				}
			}
		}
	}
	return names
}

// isMethodOfHidden tells whether a function is a method of a type that nobody outside can name.
func isMethodOfHidden(function *ast.FuncDecl) bool {
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
