"""The guided tour: six stops on six pages."""
