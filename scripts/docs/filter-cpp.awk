# Prints a C++ header for Doxygen. What many classes have in the same sense is documented here, once.

function about(text) {
    match($0, /^ */)
    printf "%*s/// %s\n", RLENGTH, "", text
}

# A comment stands before the `template` of what it is about.
/^ *template </ && !/;$/ { held = held $0 "\n"; documented = previous ~ /^ *\/\/\//; previous = $0; next }

{
    said = (held == "" ? previous ~ /^ *\/\/\// : documented)
    if (!said) {
        if (/ apply_to\(sac_client\*/)
            about("How an option is set on a client; a type of your own that has this is an option too.")
        else if (/ apply_to\(sac_request\*/)
            about("How an option is set on a request; a type of your own that has this is an option too.")
        else if (/static const char\* what\(\)/)
            about("What is looked for, in words.")
        else if (/static bool read\(/)
            about("Reads the value at a JSON pointer; false where it cannot be had.")
        else if (/static std::string write\(/)
            about("The value as JSON text.")
        else if (/friend bool operator[=!]=\(/)
            about("Whether the contents are the same, or are not.")
        else if (/detail::Milliseconds time\)/)
            about("A duration of any kind, rounded up to whole milliseconds.")
        else if (/\) &&( noexcept)?( = delete;)?( \{.*\})?$/)
            about("The same on a temporary, whose value would not outlive it otherwise.")
    }
    printf "%s", held
    held = ""
    # An enumerator says what its constant in C says.
    if (match($0, /^ *[a-z0-9_]+ = SAC_[A-Z0-9_]+,?$/)) {
        constant = $3
        sub(/,$/, "", constant)
        $0 = $0 "  ///< @copybrief " constant
    }
    print
    previous = $0
}
