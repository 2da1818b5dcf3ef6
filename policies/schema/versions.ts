/** Minor versions of Kubernetes that can be targets: the newest four, newest last. */
export const SUPPORTED_VERSIONS: readonly string[] = ['1.33', '1.34', '1.35', '1.36'];
