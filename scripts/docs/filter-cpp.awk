# Prints a C++ header for Doxygen. Members that many classes have are documented here, once.

function about(text) {
    match($0, /^ */)
    printf "%*s/// %s\n", RLENGTH, "", text
}

# The comment of a template is before its `template` line.
/^ *template </ && !/;$/ { pending = pending $0 "\n"; documented = previous ~ /^ *\/\/\//; previous = $0; next }

{
    has_comment = (pending == "" ? previous ~ /^ *\/\/\// : documented)
    if (!has_comment) {
        if (/ apply_to\(sac_client\*/)
            about("Sets the option on a client. Your own type with this function is an option too.")
        else if (/ apply_to\(sac_request\*/)
            about("Sets the option on a request. Your own type with this function is an option too.")
        else if (/static const char\* what\(\)/)
            about("The name of this type in error texts.")
        else if (/static bool read\(/)
            about("Reads the value of a node. Returns false if it is missing or has another type.")
        else if (/static std::string write\(/)
            about("The value as JSON text.")
        else if (/friend bool operator[=!]=\(/)
            about("Compares the contents.")
        else if (/detail::Milliseconds time\)/)
            about("A duration of any kind, rounded up to whole milliseconds.")
        else if (/\) (const)?&&( noexcept)?( = delete;)?( \{.*\})?$/)
            about("For a temporary object, because a reference would outlive it.")
    }
    printf "%s", pending
    pending = ""
    # An enumerator has the documentation of its C constant.
    if (match($0, /^ *[a-z0-9_]+ = SAC_[A-Z0-9_]+,?$/)) {
        constant = $3
        sub(/,$/, "", constant)
        $0 = $0 "  ///< @copybrief " constant
    }
    print
    previous = $0
}
