// The version, where `clusterbind` finds it in the file.
namespace clusterbind {
namespace {

[[gnu::used, gnu::retain]] constexpr char version_text[] = "libclusterbind " CLUSTERBIND_VERSION;

}  // namespace
}  // namespace clusterbind
