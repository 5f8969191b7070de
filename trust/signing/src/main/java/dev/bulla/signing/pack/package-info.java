/** Evidence packs: an image's evidence and what it is judged by, in one file. */
@NullMarked
package dev.bulla.signing.pack;

import org.jspecify.annotations.NullMarked;
