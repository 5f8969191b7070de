/** What happened, for others: as a feed that can be read again, and as signed webhooks. */
@NullMarked
package dev.bulla.registry.events;

import org.jspecify.annotations.NullMarked;
