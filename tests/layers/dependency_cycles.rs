//! The dependencies between the files of the crate, and their cycles.
//!
//! The rules for an edge from one file to another:
//! - Every path in the code of a file, in a `use` or elsewhere, is an edge to the file that defines
//!   the name. A name that another module re-exports is followed to that file.
//! - A `pub use` (also `pub(super) use`) is not an edge if the file does not use the name itself. So
//!   a `mod.rs` that only declares its children and re-exports their names is in no cycle.
//! - A `mod.rs` with its own code is like every other file. If it needs its children, the items that
//!   it shares with them belong in a file next to them.
//! - A method call names no file. The type of the method does.
//! - Code under `#[cfg(test)]` does not count, because a test may look at everything.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

type Path = Vec<String>;

/// The text of each file, by its path in `src`.
pub type Sources = BTreeMap<String, String>;

/// The names that the first file needs of the second one.
pub type Edges = BTreeMap<(String, String), BTreeSet<String>>;

struct Import {
    path: Path,
    public: bool,
    /// `None`: all names of the path.
    name: Option<String>,
}

#[derive(Default)]
struct Module {
    file: String,
    children: BTreeSet<String>,
    imports: Vec<Import>,
    /// The paths in the code; a single name is a path of length 1.
    paths: BTreeSet<Path>,
}

/// The target of a path.
enum Target {
    Module(Path),
    Item { file: String, name: String },
}

pub struct Crate<'a> {
    sources: &'a Sources,
    modules: BTreeMap<Path, Module>,
}

impl<'a> Crate<'a> {
    /// Reads `lib.rs` and all modules that it and they declare.
    pub fn read(sources: &'a Sources) -> Self {
        let mut read = Self { sources, modules: BTreeMap::new() };
        read.file("lib.rs", &Vec::new());
        read
    }

    fn file(&mut self, file: &str, path: &Path) {
        let stream: TokenStream = self.sources.get(file).unwrap().parse().unwrap();
        self.module(file, path, stream);
    }

    fn module(&mut self, file: &str, path: &Path, body: TokenStream) {
        self.modules.insert(path.clone(), Module { file: file.to_owned(), ..Module::default() });
        self.code(path, body);
    }

    fn code(&mut self, module: &Path, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            at += match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => match next {
                    Some(TokenTree::Group(group)) => {
                        let text = group.stream().to_string().replace(' ', "");
                        2 + if text == "cfg(test)" { item_length(&tokens[at + 2..]) } else { 0 }
                    }
                    _ => 2,
                },
                TokenTree::Ident(word) if word == "mod" => {
                    self.child(module, next, tokens.get(at + 2));
                    3
                }
                TokenTree::Ident(word) if word == "use" && !is_sign(next, '<') => {
                    let tree: Vec<_> = tokens[at + 1..]
                        .iter()
                        .take_while(|token| !is_sign(Some(token), ';'))
                        .cloned()
                        .collect();
                    let before = tokens[..at].iter().rev();
                    let mut before =
                        before.skip_while(|token| is_group(token, Delimiter::Parenthesis));
                    let public = before.next().is_some_and(|token| token.to_string() == "pub");
                    let imports = &mut self.modules.get_mut(module).unwrap().imports;
                    import(&tree, &Vec::new(), public, imports);
                    tree.len() + 1
                }
                TokenTree::Ident(word) => {
                    let mut path = vec![word.to_string()];
                    let mut length = 1;
                    while is_path_sign(&tokens[at + length..])
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + length + 2)
                    {
                        path.push(next.to_string());
                        length += 3;
                    }
                    self.modules.get_mut(module).unwrap().paths.insert(path);
                    length
                }
                TokenTree::Group(group) => {
                    self.code(module, group.stream());
                    1
                }
                _ => 1,
            };
        }
    }

    fn child(&mut self, parent: &Path, name: Option<&TokenTree>, body: Option<&TokenTree>) {
        let Some(name) = name.map(ToString::to_string) else { return };
        let path = joined(parent, &name);
        self.modules.get_mut(parent).unwrap().children.insert(name);
        if let Some(TokenTree::Group(body)) = body {
            let file = self.modules[parent].file.clone();
            return self.module(&file, &path, body.stream());
        }
        let stem = path.join("/");
        let names = [format!("{stem}.rs"), format!("{stem}/mod.rs")];
        let file = names.iter().find(|name| self.sources.contains_key(*name));
        self.file(file.unwrap_or_else(|| panic!("no file of the module {stem}")), &path);
    }

    /// The target of a path in this module; `None` if it is in another crate or in this file.
    fn target(&self, module: &Path, path: &[String]) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.down(&Vec::new(), rest),
            "self" => self.down(module, rest),
            "super" => self.up(&module[..module.len().checked_sub(1)?], rest),
            _ => {
                let here = &self.modules[module];
                // `use x::x` names another crate, unless `x` is a child.
                let is_import = |import: &Import| {
                    import.name.as_ref() == Some(first) && import.path.first() != Some(first)
                };
                let known = here.children.contains(first) || here.imports.iter().any(is_import);
                self.down(module, if known { path } else { return None })
            }
        }
    }

    fn up(&self, module: &[String], path: &[String]) -> Option<Target> {
        match path.split_first() {
            Some((first, rest)) if first == "super" => {
                self.up(&module[..module.len().checked_sub(1)?], rest)
            }
            _ => self.down(&module.to_vec(), path),
        }
    }

    fn down(&self, module: &Path, path: &[String]) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Target::Module(module.clone()));
        };
        let here = &self.modules[module];
        let import = here.imports.iter().find(|import| import.name.as_ref() == Some(first));
        // A module and a function may have the same name: before `::` it is the module.
        if here.children.contains(first) && (import.is_none() || !rest.is_empty()) {
            return self.down(&joined(module, first), rest);
        }
        let Some(import) = import else {
            return Some(Target::Item { file: here.file.clone(), name: first.clone() });
        };
        match self.target(module, &import.path)? {
            Target::Module(module) => self.down(&module, rest),
            item @ Target::Item { .. } => Some(item),
        }
    }

    pub fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (path, module) in &self.modules {
            let mut edge = |file: String, name: String| {
                if file != module.file {
                    edges.entry((module.file.clone(), file)).or_default().insert(name);
                }
            };
            for import in &module.imports {
                let used =
                    |name: &String| module.paths.iter().any(|path| path.first() == Some(name));
                let is_re_export = import.public && !import.name.as_ref().is_some_and(used);
                match self.target(path, &import.path) {
                    _ if is_re_export => {}
                    Some(Target::Item { file, name }) => edge(file, name),
                    // Its used items have their own paths.
                    Some(Target::Module(_)) if import.name.is_some() => {}
                    Some(Target::Module(all)) => {
                        edge(self.modules[&all].file.clone(), "*".to_owned())
                    }
                    None => {}
                }
            }
            for used in module.paths.iter().filter(|used| used.len() > 1) {
                if let Some(Target::Item { file, name }) = self.target(path, used) {
                    edge(file, name);
                }
            }
        }
        edges
    }
}

/// A shortest cycle for each file that is in one; each cycle once, starting with its first file, as
/// a text with files and names.
pub fn cycles(edges: &Edges) -> BTreeSet<String> {
    let files: BTreeSet<&String> = edges.keys().map(|(from, _)| from).collect();
    let mut found = BTreeSet::new();
    for file in files {
        let Some(mut cycle) = cycle_from(edges, file) else { continue };
        let first = (0..cycle.len()).min_by_key(|at| cycle[*at]).unwrap();
        cycle.rotate_left(first);
        let mut text = cycle[0].clone();
        for (at, from) in cycle.iter().enumerate() {
            let to = cycle[(at + 1) % cycle.len()];
            let names: Vec<_> = edges[&((*from).clone(), to.clone())].iter().cloned().collect();
            text += &format!(" → {to} ({})", names.join(", "));
        }
        found.insert(text);
    }
    found
}

/// The files of a shortest path from a file back to it.
fn cycle_from<'t>(edges: &'t Edges, start: &'t String) -> Option<Vec<&'t String>> {
    let mut came_from: BTreeMap<&String, &String> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for to in edges.keys().filter(|(from, _)| from == file).map(|(_, to)| to) {
            if to == start {
                let mut cycle = vec![file];
                while let Some(before) = came_from.get(cycle[cycle.len() - 1]) {
                    cycle.push(before);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if !came_from.contains_key(to) {
                came_from.insert(to, file);
                waiting.push_back(to);
            }
        }
    }
    None
}

/// The imports of a `use`, with its lists expanded.
fn import(tree: &[TokenTree], before: &Path, public: bool, imports: &mut Vec<Import>) {
    let mut path = before.clone();
    let mut name = None;
    let mut at = 0;
    while let Some(token) = tree.get(at) {
        match token {
            TokenTree::Ident(word) if word == "as" => {
                name = tree.get(at + 1).map(ToString::to_string);
                at += 1;
            }
            TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
            TokenTree::Ident(word) => path.push(word.to_string()),
            TokenTree::Group(list) => {
                let list: Vec<_> = list.stream().into_iter().collect();
                for tree in list.split(|token| is_sign(Some(token), ',')) {
                    import(tree, &path, public, imports);
                }
                return;
            }
            TokenTree::Punct(sign) if sign.as_char() == '*' => {
                return imports.push(Import { path, public, name: None });
            }
            _ => {}
        }
        at += 1;
    }
    if !tree.is_empty() {
        name = name.or_else(|| path.last().cloned());
        imports.push(Import { path, public, name });
    }
}

/// The number of tokens of the item at the start: up to its semicolon or body.
fn item_length(tokens: &[TokenTree]) -> usize {
    let is_end = |token: &TokenTree| is_sign(Some(token), ';') || is_group(token, Delimiter::Brace);
    tokens.iter().position(is_end).map_or(tokens.len(), |end| end + 1)
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_path_sign(tokens: &[TokenTree]) -> bool {
    is_sign(tokens.first(), ':') && is_sign(tokens.get(1), ':')
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

fn joined(path: &Path, name: &str) -> Path {
    path.iter().cloned().chain([name.to_owned()]).collect()
}
